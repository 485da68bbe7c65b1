import { JsonScanner, viewOf } from "./json-scanner.ts"
import { isStreamName, recordBytesMax } from "./members.ts"
import { decodedBytesMax } from "./quick-base64.ts"

/** What PutRecord asks for. */
export interface RecordInput {
  readonly DeliveryStreamName: string
  readonly Record: { readonly Data: Buffer }
}

const streamNameToken = Buffer.from('"DeliveryStreamName"')
const recordToken = Buffer.from('"Record"')
const dataToken = Buffer.from('"Data"')
const comma = 0x2c
const openBrace = 0x7b
const closeBrace = 0x7d

/**
 * Reads the body of a PutRecord in the form in which clients write it:
 *
 *     {"DeliveryStreamName":"NAME","Record":{"Data":"BASE64"}}
 *
 * with any white space between. As quick-batch.ts does: undefined for whatever is not exactly that, and the plain way reads
 * alike what is read here.
 */
export function readRecordQuickly(body: Buffer): RecordInput | undefined {
  const scanner = new JsonScanner(body)
  if (!scanner.take(openBrace) || !scanner.takeName(streamNameToken)) return undefined
  const name = scanner.takeText()
  if (name === undefined || !isStreamName(name)) return undefined
  if (!scanner.take(comma) || !scanner.takeName(recordToken) || !scanner.take(openBrace)) return undefined
  if (!scanner.takeName(dataToken) || !scanner.takeQuote()) return undefined
  const data = Buffer.allocUnsafe(decodedBytesMax(body.length))
  const sizeBytes = scanner.takeBase64(viewOf(data), 0)
  if (sizeBytes === undefined || sizeBytes > recordBytesMax) return undefined
  if (!scanner.takeQuote() || !scanner.take(closeBrace) || !scanner.take(closeBrace) || !scanner.isAtEnd())
    return undefined
  return { DeliveryStreamName: name, Record: { Data: data.subarray(0, sizeBytes) } }
}
