/**
 * The function of the stream "earthquakes-by-region", as one for AWS Lambda is written: copy it to begin one of your own.
 * It gets records, and says of each what becomes of it.
 */
export const handler = async ({ records }: { readonly records: readonly GivenRecord[] }) => ({
  records: records.map(({ recordId, data }) => {
    const { id, properties, geometry } = JSON.parse(Buffer.from(data, "base64").toString())
    // Dropped on purpose: it is in no object.
    if (properties.type !== "earthquake") return { recordId, result: "Dropped" }

    // Goes to the error output, as it was put: once the table knows the network, it can be put again.
    const region = regionOfNetwork.get(properties.net)
    if (region === undefined) return { recordId, result: "ProcessingFailed" }

    const [, , depthKm] = geometry.coordinates
    const { mag: magnitude, place } = properties
    const changed = { magnitude, place, time: new Date(properties.time).toISOString(), depthKm, id }
    return {
      recordId,
      result: "Ok",
      data: Buffer.from(JSON.stringify(changed)).toString("base64"),
      // What !{partitionKeyFromLambda:region} in the stream's prefix stands for.
      metadata: { partitionKeys: { region } },
    }
  }),
})

/** One of the records that an invocation brings. */
interface GivenRecord {
  /** To be answered as it is. */
  readonly recordId: string
  /** The record, in base64. */
  readonly data: string
}

/** What the networks of seismographs watch. */
const regionOfNetwork = new Map([
  ["ak", "alaska"],
  ["ci", "southern-california"],
  ["hv", "hawaii"],
  ["mb", "montana"],
  ["nc", "northern-california"],
  ["nn", "nevada"],
  ["pr", "puerto-rico"],
  ["us", "worldwide"],
  ["uu", "utah"],
  ["uw", "pacific-northwest"],
])
