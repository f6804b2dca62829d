import { needleOf } from '../../../lib/search/fold.ts'
import type { WantedText } from '../../../ports/text-search.ts'
import type { InMailbox } from '../commands/command.ts'
import type { SearchKey } from '../wire/search-key.ts'
import { isColumnText } from './column-keys.ts'
import { UidSet } from './verdicts.ts'

/** So few are read sooner than looked up. */
const fewMessages = 8

/** What the index of words says of a key: those that satisfy it, and those that may. All others do not. */
interface Lead {
  readonly sure: UidSet
  readonly open: UidSet
}

export type Leads = Map<SearchKey, Lead>

/** Asks the index about the keys that only the octets of a message answer, where `candidates` messages would have to be read. */
export async function follow(
  { selected }: InMailbox,
  keys: readonly SearchKey[],
  candidates: number,
  leads: Leads,
): Promise<void> {
  if (candidates <= fewMessages) return
  for (const key of keys) {
    const wanted = leads.has(key) ? undefined : wantedOf(key)
    if (!wanted) continue
    const findings = await selected.at.find(wanted)
    if (findings.kind === 'unknown') continue
    const [sure, open] = [findings.sure, findings.open].map((uids) => new UidSet(Uint32Array.from(uids)))
    if (sure && open) leads.set(key, { sure, open })
  }
}

function wantedOf(key: SearchKey): WantedText | undefined {
  if (key.kind === 'body' || key.kind === 'text') return { where: key.kind, needle: needleOf(key.text) }
  if (key.kind !== 'header' || isColumnText(key)) return undefined
  // An empty string asks for the field, whose name is among the words.
  return { where: 'header', needle: needleOf(key.text === '' ? key.field : key.text) }
}
