import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type Answer, refused } from '../control/answer.ts'
import { askHealth } from '../control/client.ts'
import { verbs } from '../control/verbs.ts'
import { exitCodes } from '../lifecycle.ts'
import type { Settings } from '../settings/table.ts'
import { command, type Globals } from './command.ts'
import { showAnswer } from './say.ts'
import { settingsOrMistakes } from './settings.ts'

/** Commands on the data folder that are none of the verbs: they need it stopped, or only ask whether it runs. */
export function addDataCommands(program: Command, end: (code: number) => void): void {
  const restored = command(program, 'restore')
    .description('Fills an empty data folder from a backup, and verifies it; the server must be stopped')
    .argument('<folder>', 'a folder that "homepost backup" made')
  restored.action(async (folder: string) => {
    const options = restored.optsWithGlobals<Globals>()
    const read = settingsOrMistakes(options)
    end(read ? showAnswer(await restore(read.settings, resolve(folder)), options) : exitCodes.settings)
  })

  const health = command(program, 'health').description('Tells whether the server runs and is ready')
  health.action(async () => {
    const options = health.optsWithGlobals<Globals>()
    const read = settingsOrMistakes(options)
    end(read ? showAnswer(await healthOf(read.settings), options) : exitCodes.settings)
  })
}

async function restore(settings: Settings, folder: string): Promise<Answer> {
  const health = await askHealth(settings.DATA_DIR)
  if (health.kind === 'answered') return refused(`The server runs on ${settings.DATA_DIR}. Stop it first.`)
  const [{ restoreFolder }, { onStoppedServer }] = await Promise.all([
    import('../backup-rest.ts'),
    import('./stopped-server.ts'),
  ])
  const needed = settings.DB_FLAVOR === 'sqlite' ? ['mail.db', 'directory.db'] : ['mail.db']
  const mistake = await restoreFolder(folder, resolve(settings.DATA_DIR), needed)
  if (mistake !== undefined) return refused(mistake)
  const verify = verbs.get('store verify')
  if (!verify) throw new Error('the verb table has no store verify')
  const verified = await onStoppedServer(settings, (ports) => verify.run(ports, {}))
  return verified.kind === 'done'
    ? { ...verified, text: `Restored to ${settings.DATA_DIR}. ${verified.text}` }
    : verified
}

async function healthOf(settings: Settings): Promise<Answer> {
  const health = await askHealth(settings.DATA_DIR)
  return health.kind === 'answered' ? health.answer : refused(`No server runs on ${settings.DATA_DIR}.`)
}
