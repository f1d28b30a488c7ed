// Signing in, accounts and roles. In English.

import type { signIn as original } from '../id/sign-in.ts'
import type { Translation } from '../message.ts'

export const signIn: Translation<typeof original> = {
  'auth.signin': 'Sign in',
  'auth.signout': 'Sign out',
  'auth.title': 'Staff sign-in',
  'auth.lead': 'Staff pages need an account. The residents’ map is open without one.',
  'auth.name': 'Name',
  'auth.password': 'Password',
  'auth.show': 'Show the password',
  'auth.busy': 'Checking...',
  'auth.code': 'Code from the authenticator app',
  'auth.codeNeeded': 'Enter the six digits that your authenticator app shows now.',
  'auth.denied': 'Wrong name, password or code',
  'auth.needed': 'Fill in name and password.',
  'auth.wait': 'Too many attempts. Try again in {min} minutes.',
  'auth.failed': 'Cannot sign in right now. Try again.',
  'auth.as': 'Signed in as {name}',
  'auth.already': 'You are signed in as {name}.',
  'auth.continue': 'Continue',
  'auth.needPage': 'This page is for staff. Sign in first to see it.',
  'auth.noright': 'This account has no access to this page',
  'auth.norightMore': 'You are signed in as {name} ({role}).',
  'auth.toMap': 'To the map',
  'auth.noCode': 'Phone lost or replaced? Ask the operator to run "npm run user -- no-second-factor NAME".',
  'auth.forgot': 'Forgot the password? Ask the operator to run "npm run user -- reset NAME".',
  'role.infrastructure': 'infrastructure',
  'role.environment': 'environment',
  'role.admin': 'admin',
}
