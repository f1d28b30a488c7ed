// The audit trail of the dashboard, which goes on when the disk does not.

import type { Clock } from '../../contract/time.ts'
import { type AuditLog, openAuditLog } from '../../runtime/audit.ts'
import { systemCode } from '../../runtime/files.ts'
import type { Logger } from '../../runtime/logger.ts'

/** With the disk full staff sign in all the same, to see why; what the trail then lacks is in the log of the process. */
export function openLastingAudit(dataFolder: string, clock: Clock, logger: Logger): AuditLog {
  const trail = openAuditLog(dataFolder, clock)
  return {
    append: (event) =>
      trail.append(event).catch((error: unknown) => {
        const code = systemCode(error)
        if (code === null) throw error
        logger.error({ code, ...event }, 'the audit trail could not be written')
      }),
  }
}
