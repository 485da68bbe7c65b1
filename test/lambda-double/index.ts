/** A small Lambda for tests: functions that are code of the test, and a service that refuses, hangs and breaks off. */
export { type DoubleAnswer, LambdaDouble } from "./lambda-double.ts"
