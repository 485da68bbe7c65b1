import { string } from "../../shapes/index.ts"

/** The role that AWS would assume. Hydrant keeps it for clients that read it back and uses its own credentials. */
export const roleArn = string("The role that the service assumes. Kept and described; not used.", {
  lengthMin: 1,
  lengthMax: 512,
  pattern: "arn:.*:iam::\\d{12}:role/[a-zA-Z_0-9+=,.@\\-_/]+",
})

/** The account in the ARN of a role; undefined when it is none. */
export function accountOf(arn: string): string | undefined {
  return /^arn:[^:]*:iam::(\d{12}):/.exec(arn)?.[1]
}

export const bucketArn = string("The bucket that objects are put in.", {
  lengthMin: 1,
  lengthMax: 2048,
  pattern: "arn:.*:s3:::[\\w\\.\\-]{1,255}",
})

/** The bucket's name in an ARN that `bucketArn` has read. */
export function bucketOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(":") + 1)
}

export const kmsKeyArn = string("A KMS key or alias, in the same Region as the bucket.", {
  lengthMin: 1,
  lengthMax: 512,
  pattern: "arn:.*:kms:[a-zA-Z0-9\\-]+:\\d{12}:(key|alias)/[a-zA-Z_0-9+=,.@\\-_/]+",
})
