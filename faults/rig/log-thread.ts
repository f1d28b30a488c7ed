// The log's thread on a disk with the faults that a campaign orders.

import { parentPort, workerData } from 'node:worker_threads'
import { type LogThreadData, serveLog } from '../../broker/log/serve-log.ts'
import { riggedDisk } from './rigged-disk.ts'

if (parentPort !== null) await serveLog(parentPort, workerData as LogThreadData, riggedDisk)
