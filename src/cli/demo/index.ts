/** What the demo puts, and how it looks at what came of it. */
export { readEarthquakes } from "./earthquakes.ts"
export { findLocally, firstLines } from "./sample.ts"
