import type { Selected, Session } from '../session/session.ts'

/** Every flag that a message here has, or may have. RFC 9051 §7.3.5. */
export function flagsInUse(session: Session, { numbering }: Selected): string {
  const keywords = session.services.flagTexts.keywords(numbering.image.keywordSets)
  return ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft', ...keywords].join(' ')
}

/** What this client may set or clear, and keep. RFC 4314 §5.1. */
export function permanentFlags(session: Session, selected: Selected): string {
  if (selected.readOnly) return ''
  const { seen, deleted, others } = selected.at.scope
  const mayKeep = (flag: string) => {
    if (flag === '\\Seen') return seen
    return flag === '\\Deleted' ? deleted : others
  }
  const flags = flagsInUse(session, selected).split(' ').filter(mayKeep)
  return [...flags, ...(others ? ['\\*'] : [])].join(' ')
}
