import { existsSync } from 'node:fs'
import { type Answer, refused } from '../control/answer.ts'
import { askServer } from '../control/client.ts'
import { thisPerson, usedBy } from '../control/person.ts'
import type { Texts, Verb } from '../control/verb.ts'
import type { Settings } from '../settings/table.ts'

/** Through the running server where there is one, else on the data folder itself. */
export async function runVerb(settings: Settings, words: string, verb: Verb, texts: Texts): Promise<Answer> {
  const dataDir = settings.DATA_DIR
  if (!existsSync(dataDir)) {
    return refused(`There is no data folder ${dataDir}. Say DATA_DIR, or --home for the one of "npm start".`)
  }
  const asked = await askServer(dataDir, words, texts)
  if (asked.kind === 'answered') return asked.answer
  // Only now: a running server answers without this process loading SQLite.
  const { onStoppedServer } = await import('./stopped-server.ts')
  return onStoppedServer(settings, (ports) => verb.run(usedBy(ports, thisPerson()), texts))
}
