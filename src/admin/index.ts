/** The admin port: health, metrics, and the switches of delivery. */
export { createAdmin } from "./admin.ts"
export type { AdminParts, Health } from "./parts.ts"
