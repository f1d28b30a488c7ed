/** Text with `{name}` for what is filled in; by number where a language has more than one form. */
export type Message = string | { readonly one: string; readonly other: string }

/** The same keys in another language, each with words of its own. */
export type Translation<Original> = Readonly<Record<keyof Original, Message>>
