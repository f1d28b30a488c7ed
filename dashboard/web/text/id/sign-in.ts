// Signing in, accounts and roles. In Indonesian.

import type { Message } from '../message.ts'

export const signIn = {
  'auth.signin': 'Masuk',
  'auth.signout': 'Keluar',
  'auth.title': 'Masuk untuk petugas',
  'auth.lead': 'Halaman petugas memerlukan akun. Peta untuk warga terbuka tanpa akun.',
  'auth.name': 'Nama',
  'auth.password': 'Kata sandi',
  'auth.show': 'Perlihatkan kata sandi',
  'auth.busy': 'Memeriksa...',
  'auth.code': 'Kode dari aplikasi autentikator',
  'auth.codeNeeded': 'Masukkan enam angka yang sedang ditampilkan aplikasi autentikator Anda.',
  'auth.denied': 'Nama, kata sandi, atau kode salah',
  'auth.needed': 'Isi nama dan kata sandi.',
  'auth.wait': 'Terlalu banyak percobaan. Coba lagi dalam {min} menit.',
  'auth.failed': 'Tidak dapat masuk sekarang. Coba lagi.',
  'auth.as': 'Masuk sebagai {name}',
  'auth.already': 'Anda sudah masuk sebagai {name}.',
  'auth.continue': 'Lanjutkan',
  'auth.needPage': 'Halaman ini untuk petugas. Masuk dulu untuk melihatnya.',
  'auth.noright': 'Akun ini tidak punya akses ke halaman ini',
  'auth.norightMore': 'Anda masuk sebagai {name} ({role}).',
  'auth.toMap': 'Ke peta',
  'auth.noCode':
    'Ponsel hilang atau diganti? Minta pengelola menjalankan "npm run user -- no-second-factor NAMA".',
  'auth.forgot': 'Lupa kata sandi? Minta pengelola menjalankan "npm run user -- reset NAMA".',
  'role.infrastructure': 'infrastruktur',
  'role.environment': 'lingkungan',
  'role.admin': 'pengelola',
} as const satisfies Record<string, Message>
