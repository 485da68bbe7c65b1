import type { FailedInvocation } from "./functions.ts"

/** What each code means and what to do about it. The names and their meaning: spec/processing.md, section 3. */
export const failureMessages = {
  "Lambda.FunctionError": "The Lambda function was successfully invoked but it returned an error result.",
  "Lambda.FunctionTimedOut": "The Lambda function did not end within its time-out. Give it more time, or less to do.",
  "Lambda.FunctionRequestTimedOut": "The invocation of the Lambda function was not answered in time.",
  "Lambda.InvokeLimitExceeded":
    "The Lambda function is invoked too often. Raise its concurrency limit, or invoke it with more records at a time.",
  "Lambda.InvokeAccessDenied":
    "Access to the Lambda function was denied. Allow lambda:InvokeFunction on it to the credentials in use.",
  "Lambda.InvalidSecurityToken": "The credentials for the Lambda function are not valid. Check them, or renew them.",
  "Lambda.ResourceNotFound": "The Lambda function was not found. Correct its ARN, or create it.",
  "Lambda.TargetServerFailedToRespond":
    "What runs the Lambda function could not be reached, or ended the connection without an answer.",
  "Lambda.InternalServerError": "What runs the Lambda function had an internal error.",
  "Lambda.ServiceUnavailable": "What runs the Lambda function is not available now.",
  "Lambda.JsonProcessingException": "The invocation of the Lambda function was not understood as JSON.",
  "Lambda.InvalidSubnetIDException": "A subnet that the Lambda function is configured with is not valid.",
  "Lambda.InvalidSecurityGroupIDException":
    "A security group that the Lambda function is configured with is not valid.",
  "Lambda.SubnetIPAddressLimitReachedException": "The subnets of the Lambda function have no IP address left.",
  "Lambda.ENILimitReachedException": "The limit of network interfaces of the Lambda function's VPC was reached.",
  "Lambda.InvalidZipFileException": "The code of the Lambda function can't be unzipped.",
  "Lambda.InvocationFailure": "The Lambda function could not be invoked.",
} as const

export type FailureCode = keyof typeof failureMessages

/** `detail`: what was said of it, by whoever failed. */
export function failed(code: FailureCode, detail?: string): FailedInvocation {
  return { kind: "failed", code, message: failureMessages[code], ...(detail !== undefined && { detail: cut(detail) }) }
}

/** The payload or the answer is larger than may be. */
export function tooLarge(detail: string): FailedInvocation {
  return { ...failed("Lambda.FunctionError", detail), isTooLarge: true }
}

/** A log keeps it. */
function cut(text: string): string {
  return text.length <= 2048 ? text : `${text.slice(0, 2048)}...`
}
