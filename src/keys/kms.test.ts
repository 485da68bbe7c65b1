import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import { KmsDouble } from "../../test/kms-double/index.ts"
import type { MasterKey } from "../streams/index.ts"
import { KeyRefusedError, KeyUnreachableError } from "./key-errors.ts"
import { Kms } from "./kms.ts"
import { noKms } from "./open-kms.ts"

const stream = "arn:aws:firehose:us-east-1:000000000000:deliverystream/orders"
const credentials = { accessKeyId: "AKID", secretAccessKey: "SECRET" }

async function startKms(t: TestContext) {
  const double = await KmsDouble.start()
  const kms = new Kms({ region: "us-east-1", endpoint: double.endpoint, credentials })
  t.after(async () => {
    kms.close()
    await double.close()
  })
  return { double, kms }
}

function customerKey(arn: string): MasterKey {
  return { type: "CUSTOMER_MANAGED_CMK", arn }
}

test("A data key is unwrapped to what it was, and for its own stream only", async (t) => {
  const { double, kms } = await startKms(t)
  const key = customerKey(double.createKey("k"))
  const { secret, wrapped } = await kms.generate(key, stream)
  assert.equal(secret.byteLength, 32)
  const dataKey = { id: "1", key, wrapped }
  assert.deepEqual(await kms.unwrap(dataKey, stream), secret)
  await assert.rejects(kms.unwrap(dataKey, `${stream}2`), KeyRefusedError)
})

test("A data key that an alias wrapped is unwrapped also when the alias names another key", async (t) => {
  const { double, kms } = await startKms(t)
  const key = customerKey(double.setAlias("a", double.createKey("k")))
  const { secret, wrapped } = await kms.generate(key, stream)
  double.setAlias("a", double.createKey("other"))
  assert.deepEqual(await kms.unwrap({ id: "1", key, wrapped }, stream), secret)
})

const states = [
  [
    "AccessDeniedException",
    "AccessDeniedException",
    "KMSKeyAccessDenied",
    "KMS_ACCESS_DENIED",
    "AccessDeniedException",
  ],
  ["DisabledException", "DisabledException", "KMSKeyDisabled", "DISABLED_KMS_KEY", "KeyDisabled"],
  [
    "KMSInvalidStateException",
    "InvalidStateException",
    "KMSKeyInvalidState",
    "INVALID_KMS_KEY",
    "InvalidStateException",
  ],
] as const

for (const [state, exception, metric, failureType, code] of states) {
  test(`A key that answers ${state} is refused under the names of spec/api.md and spec/observability.md`, async (t) => {
    const { double, kms } = await startKms(t)
    const arn = double.createKey("k")
    const key = customerKey(arn)
    const { wrapped } = await kms.generate(key, stream)
    double.setState(arn, state)
    for (const asking of [kms.generate(key, stream), kms.unwrap({ id: "1", key, wrapped }, stream)]) {
      const error = await asking.catch((thrown: unknown) => thrown)
      assert.ok(error instanceof KeyRefusedError)
      assert.deepEqual(error.names, { exception, metric, failureType, errorCode: `Firehose.KMS.${code}` })
      assert.equal(error.code, error.names.errorCode)
      assert.match(error.message, new RegExp(`"${arn}".*KMS says ${state}`))
    }
  })
}

test("A key that is not there is refused as not found", async (t) => {
  const { kms } = await startKms(t)
  const error = await kms.generate(customerKey("arn:aws:kms:us-east-1:000000000000:key/none"), stream).catch((e) => e)
  assert.ok(error instanceof KeyRefusedError)
  assert.equal(error.names.metric, "KMSKeyNotFound")
})

test("A KMS that is away, or has trouble, says nothing of the key", async (t) => {
  const { double, kms } = await startKms(t)
  const key = customerKey(double.createKey("k"))
  double.failsWith = 500
  await assert.rejects(kms.generate(key, stream), KeyUnreachableError)
  // Not a KMS: it takes everything, and says nothing.
  double.failsWith = 200
  await assert.rejects(kms.generate(key, stream), /did not answer with a data key: is it a KMS\?$/)
  await double.close()
  const away = kms.generate(key, stream)
  await assert.rejects(away, KeyUnreachableError)
  await assert.rejects(away, /^KeyUnreachableError: Cannot ask the KMS at "http:\/\/127.0.0.1:\d+" for the key/)
  await double.listen(0)
})

test("Without a KMS a key is refused with what to set", async () => {
  await assert.rejects(noKms.generate(customerKey("arn"), stream), (error) => {
    return error instanceof KeyRefusedError && /set kms-endpoint .* or kms to local/.test(error.message)
  })
})
