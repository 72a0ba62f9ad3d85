/** Text from the other side of the bus. */
export { oneLine as cleanText } from '../../common/one-line.ts';
