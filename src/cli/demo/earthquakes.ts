import { readFile } from "node:fs/promises"

/** Every earthquake of one week of 2018, as the USGS reported them: GeoJSON features, one a line. */
export async function readEarthquakes(): Promise<string[]> {
  const file = new URL("../data/earthquakes.json", import.meta.resolve("vega-datasets"))
  const collection: unknown = JSON.parse(await readFile(file, "utf8"))
  if (typeof collection !== "object" || collection === null || !("features" in collection)) throw notGeoJson(file)
  const { features } = collection
  if (!Array.isArray(features)) throw notGeoJson(file)
  return features.map((feature) => `${JSON.stringify(feature)}\n`)
}

function notGeoJson(file: URL): Error {
  return new Error(`"${file.pathname}" is not a GeoJSON feature collection`)
}
