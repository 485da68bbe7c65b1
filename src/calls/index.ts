/** Calls between the processes and threads of one server, and keeping those running that are called. */
export { type Channel, connect, EndedError, type Peer } from "./calls.ts"
export { type Companion, KeptRunning } from "./kept-running.ts"
