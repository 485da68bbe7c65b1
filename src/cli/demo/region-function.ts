/**
 * The function of the stream "earthquakes-by-region", as one for AWS Lambda is written: copy it to begin one of your own.
 * It gets records, and says of each what becomes of it.
 */
export const handler = async ({ records }: { readonly records: readonly GivenRecord[] }) => ({
  records: records.map(answer),
})

/** One of the records that an invocation brings. */
interface GivenRecord {
  /** To be answered as it is. */
  readonly recordId: string
  /** The record, in base64. */
  readonly data: string
}

function answer({ recordId, data }: GivenRecord) {
  try {
    const { id, properties, geometry } = JSON.parse(Buffer.from(data, "base64").toString())
    // It will be in no object, which is no failure.
    if (properties.type !== "earthquake") return { recordId, result: "Dropped" }

    const { mag: magnitude, place, net } = properties
    const [, , depthKm] = geometry.coordinates
    const changed = { magnitude, place, time: new Date(properties.time).toISOString(), depthKm, id }
    return {
      recordId,
      result: "Ok",
      data: Buffer.from(JSON.stringify(changed)).toString("base64"),
      // What !{partitionKeyFromLambda:region} in the stream's prefix stands for.
      metadata: { partitionKeys: { region: regionOf(net) } },
    }
  } catch (error) {
    // Caught for each record: what a handler throws fails all that it was given. What is written here is in the server's log.
    console.error(`${recordId}: ${error instanceof Error ? error.message : error}`)
    // To the error output, as it was put. Once the function knows better, it can be put again.
    return { recordId, result: "ProcessingFailed" }
  }
}

/** What the networks of seismographs watch. Some that the records are of are not here, so that there is a failure to see. */
const regions = new Map([
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

function regionOf(network: string): string {
  const region = regions.get(network)
  if (region === undefined) throw new Error(`the network "${network}" is not known`)
  return region
}
