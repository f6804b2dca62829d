import { asBuffer } from '../../../lib/mime/octets.ts'
import { runErrands } from '../../../platform/errand-thread.ts'
import { danger } from './findings.ts'
import { inspectDocument } from './inspect-document.ts'

runErrands(async (octets: Uint8Array) => danger(await inspectDocument(asBuffer(octets))))
