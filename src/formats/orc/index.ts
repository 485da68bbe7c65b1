/** ORC files: how rows are encoded. */
export type { OrcOptions } from "./options.ts"
export { orc } from "./orc.ts"
export type { OrcStripeFacts } from "./stripe.ts"
