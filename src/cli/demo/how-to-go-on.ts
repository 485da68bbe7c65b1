import { adminUrl } from "../admin-client.ts"
import { endpointUrl } from "../connect.ts"
import type { Terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"
import type { DemoServer } from "./server.ts"
import { plainStream } from "./streams.ts"

/** What to type next. */
export function showHowToGoOn(world: CliWorld, out: Terminal, server: DemoServer): void {
  const name = world.programName
  const streamName = plainStream.DeliveryStreamName
  const toApi = server.apiUrl === endpointUrl(undefined, world.env) ? "" : ` --endpoint-url ${server.apiUrl}`
  const toAdmin = server.adminUrl === adminUrl(undefined, world.env) ? "" : ` --admin-url ${server.adminUrl}`
  out.line(`${out.paint("bold", "Go on")}

A record of your own, from any AWS client:

  export AWS_ACCESS_KEY_ID=any
  export AWS_SECRET_ACCESS_KEY=any
  export AWS_DEFAULT_REGION=us-east-1
  aws firehose put-record \\
    --endpoint-url ${server.apiUrl} \\
    --delivery-stream-name ${streamName} \\
    --cli-binary-format raw-in-base64-out \\
    --record '{"Data":"hello\\n"}'

(Version 1 of the AWS CLI wants that without the line that begins with --cli.)

Every line of a file, as records:

  ${name} put ${streamName} FILE${toApi}

Delivered now, and how streams are:

  ${name} flush ${streamName}${toAdmin}
  ${name} streams list${toAdmin}
`)
}
