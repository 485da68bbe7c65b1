/** What the demo does, part by part. */
export { readEarthquakes } from "./earthquakes.ts"
export { showHowToGoOn } from "./how-to-go-on.ts"
export { showPartitions } from "./partitions.ts"
export { showPlainObjects } from "./plain-objects.ts"
export { showRows } from "./rows.ts"
export { type DemoAddresses, findOrStart } from "./server.ts"
export { step } from "./step.ts"
