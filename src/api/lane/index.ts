/** The lane: a small reader of HTTP in front of the full one, for the requests that clients send all the time. */
export { type HandOver, Lane, type LaneLimits, type LaneRequest } from "./lane.ts"
