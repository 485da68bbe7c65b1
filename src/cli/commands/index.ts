/** Every command, in the order in which `hydrant --help` lists them. */
import type { Command } from "commander"
import type { CliWorld } from "../world.ts"
import { benchCommand } from "./bench.ts"
import { demoCommand } from "./demo.ts"
import { flushCommand } from "./flush.ts"
import { pauseCommand } from "./pause.ts"
import { previewCommand } from "./preview.ts"
import { putCommand } from "./put.ts"
import { redriveCommand } from "./redrive.ts"
import { resumeCommand } from "./resume.ts"
import { serveCommand } from "./serve.ts"
import { streamsCommand } from "./streams.ts"

export const commands: readonly ((world: CliWorld) => Command)[] = [
  serveCommand,
  demoCommand,
  putCommand,
  streamsCommand,
  flushCommand,
  pauseCommand,
  resumeCommand,
  previewCommand,
  redriveCommand,
  benchCommand,
]
