import { type DestinationView, destinations } from "../../src/destinations/index.ts"

/** The view in which a bucket is configured and updated. */
export const s3View: DestinationView = viewOf("ExtendedS3DestinationConfiguration")

function viewOf(configurationMember: string): DestinationView {
  const view = destinations.flatMap(({ views }) => views).find((one) => one.configurationMember === configurationMember)
  if (view === undefined) throw new Error(`No destination has "${configurationMember}"`)
  return view
}
