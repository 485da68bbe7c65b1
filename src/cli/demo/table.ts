/** The table that earthquakes are rows of: GeoJSON features have some more members, which are left out. */
export const earthquakesTable = {
  database: "demo",
  name: "earthquakes",
  columns: {
    id: "string",
    properties:
      "struct<time:timestamp,mag:double,magtype:string,place:string,type:string,felt:int,tsunami:int,sig:int,title:string>",
    geometry: "struct<type:string,coordinates:array<double>>",
  },
} as const

/** Whether what a settings file declares is a table of that name. */
export function isEarthquakesTable(declared: unknown): boolean {
  const { database, name } = earthquakesTable
  return (
    typeof declared === "object" &&
    declared !== null &&
    "database" in declared &&
    "name" in declared &&
    declared.database === database &&
    declared.name === name
  )
}

/** How a settings file declares it. */
export function tablesFile(): string {
  const { database, name, columns } = earthquakesTable
  const lines = Object.entries(columns).map(([column, type]) => `      ${column}: "${type}"`)
  return ["tables:", `  - database: ${database}`, `    name: ${name}`, "    columns:", ...lines, ""].join("\n")
}
