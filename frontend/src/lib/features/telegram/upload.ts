/** What can be shown on the page itself, by the media type that the program found in the bytes. */
export type Show = 'picture' | 'text' | 'file'

const pictures = ['image/png', 'image/jpeg', 'image/webp', 'image/gif']
const endings: Record<string, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'application/pdf': 'pdf',
  'text/plain': 'txt',
}

export function showOf(type: string): Show {
  if (pictures.includes(type)) return 'picture'
  return type === 'text/plain' ? 'text' : 'file'
}

/** The name of a file that is saved: of the number and the type, because the sender's title is outside text. */
export function fileName(id: string, type: string): string {
  return `telegram-${id.replace(/\W/g, '')}.${endings[type] ?? 'bin'}`
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
}

/** The address of a picture that is part of the page; "" for what is no picture. */
export function pictureOf(type: string, base64: string): string {
  return pictures.includes(type) ? `data:${type};base64,${base64}` : ''
}

export function textOf(base64: string): string {
  return new TextDecoder().decode(bytesOf(base64))
}
