import { lockFolder } from '../../platform/folder-lock.ts'
import { type Answer, refused } from '../control/answer.ts'
import type { VerbPorts } from '../control/verb.ts'
import { startFailure } from '../lifecycle.ts'
import { openData } from '../open-data.ts'
import type { Settings } from '../settings/table.ts'

/** Another command may hold the folder for a moment. */
const waitMs = 5_000

/** Opens directory and store without any port, under the lock that the server would take. */
export async function onStoppedServer(
  settings: Settings,
  run: (ports: VerbPorts) => Promise<Answer>,
): Promise<Answer> {
  const lock = lockFolder(settings.DATA_DIR, waitMs)
  if (lock.kind === 'taken') {
    return refused(
      `${settings.DATA_DIR} is in use by ${lock.by}, which does not answer. Try again in a moment.`,
    )
  }
  try {
    const data = await openData(settings)
    try {
      return await run(data.ports)
    } finally {
      await data.close()
    }
  } catch (cause) {
    const { code, text } = startFailure(cause)
    if (code === 1) throw cause
    return refused(text)
  } finally {
    lock.release()
  }
}
