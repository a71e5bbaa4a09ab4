/** The colour terms that photos are filed under, as the gateway names them, with their swatches. */
export const SWATCHES: Readonly<Record<string, string>> = {
  red: "#d62d30",
  orange: "#f38420",
  yellow: "#facf2e",
  green: "#3a9e52",
  blue: "#2c68ce",
  purple: "#7e46b2",
  pink: "#f484b0",
  brown: "#805234",
  black: "#1c1c22",
  grey: "#8c8c8c",
  white: "#f8f7f3",
};
