// Shows the language that was chosen, and hands it on with the other values.
function followLanguage(showLanguage) {
  return (language, ...others) => [showLanguage(language), ...others];
}
