/**
 * A function for a stream's Lambda that answers differently each time that it is asked: every record goes to some partition,
 * and a few fail.
 */
interface AskedRecord {
  readonly recordId: string
  readonly data: string
}

const colors = ["red", "green", "blue"]

export const handler = async ({ records }: { readonly records: readonly AskedRecord[] }) => ({
  records: records.map(({ recordId, data }) => {
    if (Math.random() < 0.02) return { recordId, result: "ProcessingFailed" }
    const color = colors[Math.floor(Math.random() * colors.length)]
    return { recordId, result: "Ok", data, metadata: { partitionKeys: { color } } }
  }),
})
