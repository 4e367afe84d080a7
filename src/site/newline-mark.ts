/** HAST drops raw newlines in attributes; Expressive Code's copy button uses the same stand-in. */
export const NEWLINE_MARK = '\u007f'
