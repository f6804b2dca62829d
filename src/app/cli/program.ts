import { Command, CommanderError } from 'commander'
import { mistake } from '../control/answer.ts'
import { exitCodes } from '../lifecycle.ts'
import { version } from '../version.ts'
import { command, describeGroups } from './command.ts'
import { addConfigCommands } from './config.ts'
import { addDataCommands } from './data.ts'
import { addDoctor } from './doctor.ts'
import { addMailuCommands } from './mailu-commands.ts'
import { say, showAnswer } from './say.ts'
import { addVerbs } from './verb-commands.ts'

/** Runs one command; resolves with the exit code. `serve` never comes here, but for its help. */
export async function runCommand(args: readonly string[]): Promise<number> {
  let code: number = exitCodes.fine
  const end = (ended: number) => {
    code = ended
  }
  // `homepost user list | head` closes the pipe early, and that is no mistake.
  process.stdout.on('error', () => process.exit(exitCodes.fine))
  const json = args.includes('--json')
  const program = createProgram(end, json)
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause
    if (cause.exitCode === 0) return exitCodes.fine
    if (json) showAnswer(mistake(cause.message), { json })
    return exitCodes.settings
  }
}

export function createProgram(end: (code: number) => void, json: boolean): Command {
  const program = new Command('homepost')
    .description('A complete mail service in one process with one data folder.')
    .version(version(), '-V, --version')
    .option('--home', 'settings of "npm start"')
    .exitOverride()
    .showHelpAfterError('(homepost --help lists the commands)')
    .configureOutput({ writeOut: say.out, writeErr: json ? () => undefined : say.err })
    .addHelpText(
      'after',
      `
Every command takes --home (the settings of "npm start"), --config FILE and --json.
Commands work on the running server, or on the data folder of a stopped one.
Exit code: 0 done, 1 refused or failed, 2 wrong settings or arguments.`,
    )
  const serve = command(program, 'serve')
    .description('Runs the server')
    .action(() => undefined)
  serve.addHelpText(
    'after',
    '\nIt ends with 0 after SIGTERM, 2 wrong settings, 3 data it cannot use, 4 a port it cannot have.',
  )
  addVerbs(program, end)
  addDataCommands(program, end)
  addConfigCommands(program, end)
  addDoctor(program, end)
  addMailuCommands(program, end)
  describeGroups(program)
  return program
}
