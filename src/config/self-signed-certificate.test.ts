import assert from "node:assert/strict"
import { createPublicKey, X509Certificate } from "node:crypto"
import { once } from "node:events"
import { test } from "node:test"
import { connect, createServer } from "node:tls"
import { type Clock, systemClock } from "../platform/index.ts"
import { selfSignedCertificate } from "./index.ts"

const clock: Clock = { ...systemClock, now: () => Date.parse("2026-03-14T15:09:26Z") }

test("The certificate is for this machine and the given names, from yesterday on for a year", async () => {
  const { certificate, key } = await selfSignedCertificate(["hydrant.internal", "10.0.0.5", "127.0.0.1"], clock)
  const made = new X509Certificate(certificate)
  assert.equal(
    made.subjectAltName,
    "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:hydrant.internal, IP Address:10.0.0.5",
  )
  assert.equal(new Date(made.validFrom).toISOString(), "2026-03-13T15:09:26.000Z")
  assert.equal(new Date(made.validTo).toISOString(), "2027-03-14T15:09:26.000Z")
  assert.equal(made.ca, false)
  assert(made.verify(createPublicKey(key)))
  assert(made.publicKey.equals(createPublicKey(key)))
})

test("A client that trusts the certificate connects by name and by address", async () => {
  const { certificate, key } = await selfSignedCertificate([], systemClock)
  const server = createServer({ cert: certificate, key }, (socket) => socket.end())
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  try {
    const address = server.address()
    assert(typeof address === "object" && address !== null)
    const to = { host: "127.0.0.1", port: address.port }
    for (const name of [{ servername: "localhost" }, {}]) {
      const client = connect({ ...to, ...name, ca: certificate })
      await once(client, "secureConnect")
      assert(client.authorized)
      client.destroy()
    }
  } finally {
    server.close()
  }
})
