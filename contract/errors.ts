// What goes wrong through a user's doing is a PantauError with a code of this list: the command ends with that
// exit code and the message as its last line, never with a stack trace (contract section 1).

/** 1: it failed; 2: the command line or a setting is wrong. */
export type ExitCode = 1 | 2

export const ERROR_CODES = {
  bad_setting: { exit: 2, meaning: 'a setting has a value that its rule does not take' },
  bad_command: { exit: 2, meaning: "the command line is not of the command's form" },
  bad_village: { exit: 2, meaning: 'the village folder does not validate; every fault is listed' },
  data_in_use: { exit: 1, meaning: 'another running Pantau holds the data folder' },
  data_unusable: { exit: 1, meaning: 'the data folder cannot be written, or is of a newer version' },
  log_damaged: { exit: 1, meaning: 'a log segment cannot be read at all' },
  store_unreachable: { exit: 1, meaning: 'the store does not answer or refuses the credentials' },
  store_damaged: { exit: 1, meaning: "the store's file is damaged or held by another process" },
  port_taken: { exit: 1, meaning: 'a port is taken by another program' },
  not_running: { exit: 1, meaning: 'the command needs a running village' },
  unknown_name: { exit: 1, meaning: 'no device, account or file of that name' },
  name_taken: { exit: 1, meaning: 'a device or account of that name exists' },
  part_failed: { exit: 1, meaning: 'a part of the village keeps failing' },
  input_refused: { exit: 1, meaning: 'a file to import or restore does not validate' },
  output_failed: { exit: 1, meaning: 'a file could not be written' },
} as const satisfies Record<string, { exit: ExitCode; meaning: string }>

export type ErrorCode = keyof typeof ERROR_CODES

/** A fault that the user can mend: the message names the field, the value, the rule and what to do. */
export class PantauError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'PantauError'
    this.code = code
  }

  get exitCode(): ExitCode {
    return ERROR_CODES[this.code].exit
  }
}
