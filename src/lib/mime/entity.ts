import type { Content } from './content.ts'

/** An entity while the message is being read. Offsets are those of the message. */
export interface Entity {
  readonly parent: Entity | undefined
  readonly children: Entity[]
  readonly headerStart: number
  bodyStart: number
  bodyEnd: number
  /** Line feeds of the message before the body, later those within it. */
  lines: number
  content: Content
  /** Of a message: its ENVELOPE. */
  envelope: string | undefined
  /** Past a limit: not looked into, whatever its type says. */
  opaque: boolean
}

export const isMessage = ({ type, subtype }: Content): boolean =>
  type === 'message' && (subtype === 'rfc822' || subtype === 'global')

/** A message that itself has parts of its own: its only child is the message inside. */
export const holdsMessage = (entity: Entity): boolean => isMessage(entity.content) && !entity.opaque

/** A multipart that is looked into, with or without parts found. */
export const holdsParts = (entity: Entity): boolean => entity.content.boundary !== undefined && !entity.opaque
