import { type Entity, holdsMessage, holdsParts } from './entity.ts'
import type { MessagePart } from './message-index.ts'
import { numberParts, type UnnumberedPart } from './sections.ts'

/** Every entity in document order. */
export function partsOf(root: Entity): MessagePart[] {
  const parts: UnnumberedPart[] = []
  addPart(parts, root, -1)
  return numberParts(parts)
}

function addPart(parts: UnnumberedPart[], entity: Entity, parent: number): void {
  const { content, headerStart, bodyStart, bodyEnd, lines } = entity
  const index = parts.length
  parts.push({
    parent,
    headerStart,
    bodyStart,
    bodyEnd,
    lines,
    type: `${content.type}/${content.subtype}`,
    encoding: content.encoding,
    charset: content.charset,
    name: content.name,
    disposition: content.disposition?.value.toLowerCase(),
    contentId: content.id?.replace(/^<|>$/g, ''),
  })
  for (const child of entity.children) addPart(parts, child, index)
}

/** Leaves that a person would call an attachment; an enclosed message is one, whatever it holds. */
export function countAttachments(entity: Entity): number {
  if (holdsParts(entity)) return entity.children.reduce((sum, child) => sum + countAttachments(child), 0)
  return isAttachment(entity) ? 1 : 0
}

function isAttachment(entity: Entity): boolean {
  const { type, subtype, disposition, id } = entity.content
  const around = entity.parent?.content.subtype
  if (disposition?.value.toLowerCase() === 'attachment' || holdsMessage(entity)) return true
  if (type === 'text' && (subtype === 'plain' || subtype === 'html' || around === 'alternative')) return false
  if (around === 'related' && id !== undefined) return false
  return !signatures.has(subtype)
}

/** RFC 8551, RFC 3156: they belong to what they sign. */
const signatures = new Set(['pkcs7-signature', 'x-pkcs7-signature', 'pgp-signature'])
