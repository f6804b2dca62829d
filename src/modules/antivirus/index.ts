import type { MessageScanner } from '../../ports/message-scanner.ts'
import { type ScannerParts, scannerOf } from './scanner.ts'

/** Looks for viruses with clamd. */
export function createMessageScanner(parts: ScannerParts): MessageScanner {
  return scannerOf(parts)
}
