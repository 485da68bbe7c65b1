/** `hydrant bench` as a process, over TLS and with real signatures. */
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { writeFile } from "node:fs/promises"
import path from "node:path"
import { test } from "node:test"
import { promisify } from "node:util"
import { Stage } from "./support/running-server.ts"

const launcher = path.join(import.meta.dirname, "..", "..", "bin", "hydrant")

test("Bench puts over TLS, signed with the credentials that the AWS SDK finds", async (t) => {
  const stage = await Stage.open(t)
  const credentials = path.join(stage.folder, "credentials")
  await writeFile(credentials, "[default]\naws_access_key_id = AKIDBENCH\naws_secret_access_key = bench-secret\n")
  const settingsFile = [
    "streams:",
    "  - DeliveryStreamName: orders",
    "    ExtendedS3DestinationConfiguration:",
    "      RoleARN: arn:aws:iam::000000000000:role/delivery",
    "      BucketARN: arn:aws:s3:::orders",
  ].join("\n")
  const server = await stage.start({ flags: ["--tls", "self-signed", "--credentials", credentials], settingsFile })
  assert.match(server.apiUrl, /^https:/)
  const bench = (sharedCredentials: string) =>
    promisify(execFile)(
      process.execPath,
      [launcher, "bench", "--endpoint", server.apiUrl, "--stream", "orders", "--duration", "1", "--json"],
      {
        env: {
          PATH: process.env["PATH"],
          HOME: stage.folder,
          AWS_REGION: "us-east-1",
          AWS_SHARED_CREDENTIALS_FILE: sharedCredentials,
          NODE_EXTRA_CA_CERTS: path.join(stage.dataFolder, "tls", "certificate.pem"),
        },
      },
    )
  const { stdout, stderr } = await bench(credentials)
  assert.equal(stderr, "")
  const { storedRecords, errors } = JSON.parse(stdout)
  assert.deepEqual(errors, [])
  const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text()
  assert.ok(metrics.includes(`hydrant_incoming_records_total{delivery_stream="orders"} ${storedRecords}\n`))

  const wrong = path.join(stage.folder, "wrong")
  await writeFile(wrong, "[default]\naws_access_key_id = AKIDBENCH\naws_secret_access_key = another\n")
  await assert.rejects(bench(wrong), /Cannot put load on "orders": The request signature we calculated does not match/)
})
