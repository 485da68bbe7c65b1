const functionArn =
  /^(arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:([A-Za-z0-9_-]{1,140}))(?::([$A-Za-z0-9_-]{1,128}))?$/

/** The parts of a function's ARN. */
export interface FunctionName {
  /** Without version or alias. */
  readonly unqualifiedArn: string
  readonly name: string
  /** A version or an alias; `$LATEST` when the ARN has none. */
  readonly qualifier: string
}

/** Reads `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`; undefined when it is not of that form. */
export function readFunctionArn(arn: string): FunctionName | undefined {
  const [, unqualifiedArn, name, qualifier = "$LATEST"] = functionArn.exec(arn) ?? []
  if (unqualifiedArn === undefined || name === undefined) return undefined
  return { unqualifiedArn, name, qualifier }
}

/** With its qualifier, which is `$LATEST` when none was given: as error records name it. */
export function qualifiedArn(arn: string): string {
  const read = readFunctionArn(arn)
  return read === undefined ? arn : `${read.unqualifiedArn}:${read.qualifier}`
}
