import type { DirectoryReader } from '../../../ports/directory-reader.ts'
import type { UserRow } from '../../../ports/directory-rows.ts'
import type { Answer } from '../answer.ts'

const warning =
  'Nobody can administer this server now. "homepost admin add ADDRESS" makes somebody an administrator.'

const isAdmin = ({ globalAdmin, enabled }: UserRow) => globalAdmin && enabled

/**
 * What was done, and a warning where it took the last administrator away. It is no refusal: whoever has the command line can
 * make another. `before` are those users of before whom it may have touched.
 */
export async function warned(
  admin: Pick<DirectoryReader, 'users'>,
  before: readonly UserRow[],
  answer: Answer,
): Promise<Answer> {
  if (answer.kind !== 'done' || !before.some(isAdmin)) return answer
  if ((await admin.users()).some(isAdmin)) return answer
  const json = typeof answer.json === 'object' ? { ...answer.json, warning } : answer.json
  return { ...answer, text: `${answer.text}\n${warning}`, json }
}
