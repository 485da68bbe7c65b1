import type { JsonObject } from "../../shapes/index.ts"
import { TableError } from "../../tables/index.ts"
import type { DestinationWorld } from "../destination.ts"
import { conversionOf, readStored } from "../shapes/index.ts"
import { storedS3 } from "./shapes.ts"

/** Looks whether the table is there that records are converted to: spec/format-conversion.md, section 1. */
export async function verifyS3(
  stored: JsonObject,
  { tables }: Pick<DestinationWorld, "tables">,
): Promise<string | undefined> {
  const conversion = conversionOf(readStored(storedS3, stored).DataFormatConversionConfiguration)
  if (conversion === undefined) return undefined
  try {
    await tables.read(conversion.table)
    return undefined
  } catch (error) {
    if (!(error instanceof TableError)) throw error
    return refusal(error)
  }
}

/** In the service's words where they are known. Terraform repeats what begins with "Access was denied" (spec/clients.md, section 5). */
function refusal({ code, message }: TableError): string {
  const fromGlue = (name: string) => `${message} (Service: AWSGlue; Status Code: 400; Error Code: ${name})`
  switch (code) {
    case "DataFormatConversion.EntityNotFound":
      return fromGlue("EntityNotFoundException")
    case "DataFormatConversion.AccessDenied":
      return `Access was denied when calling Glue. ${fromGlue("AccessDeniedException")}`
    default:
      return `${code}: ${message}`
  }
}
