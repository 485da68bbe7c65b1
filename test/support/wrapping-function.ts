/**
 * A function for a stream's Lambda that puts each record into a JSON object, in some partition, another one each time. Of a few it makes
 * what is no JSON.
 */
interface AskedRecord {
  readonly recordId: string
  readonly data: string
}

const colors = ["red", "green", "blue"]

export const handler = async ({ records }: { readonly records: readonly AskedRecord[] }) => ({
  records: records.map(({ recordId, data }) => {
    const wrapped = JSON.stringify({ record: data, size: data.length, seen: [Date.now()] })
    const json = Math.random() < 0.02 ? wrapped.slice(0, -1) : wrapped
    const color = colors[Math.floor(Math.random() * colors.length)]
    return {
      recordId,
      result: "Ok",
      data: Buffer.from(json).toString("base64"),
      metadata: { partitionKeys: { color } },
    }
  }),
})
