import type { MessagePart } from '../mime/message-index.ts'

const types =
  /^application\/(?:(?:x-)?pdf|rtf|msword|json|xml|vnd\.(?:openxmlformats-officedocument\.|oasis\.opendocument\.|ms-(?:word|excel|powerpoint)))|^text\/rtf$/
const names =
  /\.(?:pdf|rtf|do[ct][xm]?|xl[st][xm]?|pp[st][xm]?|pot[xm]?|od[tspg]|ot[tsp]|txt|csv|tsv|md|log|json|xml|html?|ics|vcf)$/i

/** Whether a part has text inside that is not there to be read as it stands. */
export function isDocument({ type, name }: MessagePart): boolean {
  if (types.test(type)) return true
  const isOther = !/^(?:text|message|multipart)\//.test(type)
  return isOther && name !== undefined && names.test(name)
}
