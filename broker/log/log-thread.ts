// The log's own thread.

import { parentPort, workerData } from 'node:worker_threads'
import { openLogDisk } from './disk.ts'
import { type LogThreadData, serveLog } from './serve-log.ts'

if (parentPort !== null) await serveLog(parentPort, workerData as LogThreadData, openLogDisk)
