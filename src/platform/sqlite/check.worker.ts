import { parentPort, workerData } from 'node:worker_threads'
import { integrityProblems } from './integrity.ts'

parentPort?.postMessage(integrityProblems(workerData))
