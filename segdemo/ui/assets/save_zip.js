function saveZip() {
  document.querySelector('#zip-file').click();
}
