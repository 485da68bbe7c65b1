import { Command, CommanderError, Help } from "commander"
import { commands } from "./commands/index.ts"
import { CommandError, Interrupted } from "./failure.ts"
import { terminal } from "./terminal.ts"
import type { CliWorld } from "./world.ts"

/** Runs the command that `args` give and answers the exit status. It prints whatever goes wrong, and never throws. */
export async function run(args: readonly string[], version: string, world: CliWorld): Promise<number> {
  const program = new Command("hydrant")
    .description("Amazon Data Firehose that anyone can run: takes records, keeps them safe, delivers them in batches.")
    .version(version, "--version", "print the version")
    .option("--verbose", "when something fails, print where in the program")
    .exitOverride()
    .showHelpAfterError("Add --help to see what it takes")
    .configureOutput({
      writeOut: (text) => void world.stdout.write(text),
      writeErr: (text) => void world.stderr.write(text),
      // Like every other message of this program.
      outputError: (text, write) => write(text.replace(/^error:/, "Error:")),
      getOutHelpWidth: () => world.stdout.columns ?? 100,
      getErrHelpWidth: () => world.stderr.columns ?? 100,
      getOutHasColors: () => world.stdout.isTTY === true && world.stdout.hasColors?.() === true,
      getErrHasColors: () => world.stderr.isTTY === true && world.stderr.hasColors?.() === true,
    })
    .configureHelp({ formatItem: helpItem })
    .addHelpText("after", () => `\nFirst try:  ${world.programName} demo\nThe server: ${world.programName} serve`)
  for (const make of commands) program.addCommand(make(world))
  inheritSettings(program)
  try {
    await program.parseAsync(args, { from: "user" })
    return 0
  } catch (error) {
    return explain(error, program.opts()["verbose"] === true, world)
  }
}

/** Beside long flags there is hardly room for what they mean: then it stands below, indented. */
function helpItem(term: string, termWidth: number, description: string, helper: Help): string {
  const width = helper.helpWidth ?? 80
  if (termWidth < width / 2) return Help.prototype.formatItem.call(helper, term, termWidth, description, helper)
  const indent = " ".repeat(6)
  const text = helper.boxWrap(description, width - indent.length).replaceAll("\n", `\n${indent}`)
  return `  ${term}${description === "" ? "" : `\n${indent}${text}`}\n`
}

/** `addCommand` leaves a command its own exit and output; they shall be the program's. */
function inheritSettings(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent)
    inheritSettings(command)
  }
}

function explain(error: unknown, verbose: boolean, world: CliWorld): number {
  // Commander has printed what it has to say: help, the version, or what is wrong with the arguments.
  if (error instanceof CommanderError) return error.exitCode
  // As a shell tells it: 128 and the number of SIGINT.
  if (error instanceof Interrupted) return 130
  const { paint, line } = terminal(world.stderr)
  if (error instanceof CommandError) {
    line(`${paint("red", "Error:")} ${error.message}`)
    if (error.help !== undefined) line(error.help)
  } else {
    line(`${paint("red", "Error:")} ${error instanceof Error ? error.message : String(error)}`)
    if (!verbose) line("This was not foreseen: run it again with --verbose to see where it comes from")
  }
  if (verbose) showStacks(error, line)
  return 1
}

function showStacks(error: unknown, line: (text: string) => void): void {
  if (!(error instanceof Error)) return
  line(`\n${error.stack}`)
  showStacks(error.cause, (text) => line(`Caused by:${text}`))
}
