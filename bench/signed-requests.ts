import { Sha256 } from "@aws-crypto/sha256-js"
import { HttpRequest } from "@smithy/protocol-http"
import { SignatureV4 } from "@smithy/signature-v4"

export const region = "us-east-1"
export const credentials = { accessKeyId: "AKIDBENCH", secretAccessKey: "a-secret-for-benches-only" }

const signer = new SignatureV4({ credentials, region, service: "firehose", sha256: Sha256 })

/** The JSON of a PutRecord. */
export function putRecordBody(streamName: string, record: Buffer): string {
  return JSON.stringify({ DeliveryStreamName: streamName, Record: { Data: record.toString("base64") } })
}

/** The JSON of a PutRecordBatch. */
export function putRecordBatchBody(streamName: string, records: readonly Buffer[]): string {
  const Records = records.map((record) => ({ Data: record.toString("base64") }))
  return JSON.stringify({ DeliveryStreamName: streamName, Records })
}

/**
 * The bytes of a signed request, as they go over a connection. A signature holds for five minutes: sign shortly before
 * sending.
 */
export async function signedRequest(apiUrl: string, operation: string, body: string): Promise<Buffer> {
  const { hostname, port, host } = new URL(apiUrl)
  const signed = await signer.sign(
    new HttpRequest({
      method: "POST",
      path: "/",
      hostname,
      port: Number(port),
      headers: {
        host,
        "content-type": "application/x-amz-json-1.1",
        "content-length": String(Buffer.byteLength(body)),
        "x-amz-target": `Firehose_20150804.${operation}`,
      },
      body,
    }),
  )
  const lines = Object.entries(signed.headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST / HTTP/1.1\r\n${lines.join("")}\r\n${body}`)
}
