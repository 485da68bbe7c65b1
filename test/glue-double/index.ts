/** A small Glue for tests: tables that it is told of, with their versions, and a service that refuses, hangs and breaks off. */
export { type DoubleTable, GlueDouble, type Trouble } from "./glue-double.ts"
