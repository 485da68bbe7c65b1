/** Where streams are: the parts of their ARNs. */
export interface Identity {
  readonly partition: string
  readonly region: string
  /** 12 digits. */
  readonly accountId: string
}

/** spec/api.md, section 3. */
export function streamArn({ partition, region, accountId }: Identity, name: string): string {
  return `arn:${partition}:firehose:${region}:${accountId}:deliverystream/${name}`
}
