// Pictures that were painted on stay when others come; otherwise these take their place.
function keptIfPainted(there, ...others) {
  return [document.querySelector('#teach-canvas .teach')?.dataset.painted ? there : null, ...others];
}
