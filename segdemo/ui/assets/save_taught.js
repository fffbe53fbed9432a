function saveTaught() {
  document.querySelector('#taught-file').click();
}
